"""Acting for relatives: children confirmed by documents, guardians, and adults who trust each other."""
