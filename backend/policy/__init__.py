"""Which policy of compulsory health insurance a person has, as the register of insured people says."""
