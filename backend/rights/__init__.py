"""What a person may ask about their own data: a copy of everything, and erasure (152-ФЗ)."""
