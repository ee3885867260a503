"""Published rule sets as versioned data, and verdicts that name the rule they follow."""
