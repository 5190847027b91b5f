"""The commands of `zdorovye`: a module for what is loaded together, loaded only when one of its commands is called."""
