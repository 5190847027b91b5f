"""Who a person is: names, birth date and identifiers with their source and time, and the links of a family."""
