"""Being called back by 122: who asks for it, and the list that operators work through."""
