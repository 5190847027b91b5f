"""Medicine and insurance: the domains of «Моё здоровье», ignorant of GraphQL."""
