"""The report of one assessment: a page for the person, two for the clinician; zh and en, HTML and PDF."""
