"""The fusion model: values in, probabilities and reasons out."""
