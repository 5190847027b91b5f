"""The federal electronic registry (ФЭР) concentrator, SOAP v2: its words, our client, and a simulator of it."""
