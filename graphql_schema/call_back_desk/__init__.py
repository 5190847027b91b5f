"""The face of the list of people whom operators of 122 call back."""
