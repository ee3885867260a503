"""The model that the app uses: which bundle, whose signatures, and whether it is fit for this machine."""
