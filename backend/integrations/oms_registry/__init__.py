"""The regional register of insured people (ЕРЗЛ segment): its words, our client, and a simulator of it."""
