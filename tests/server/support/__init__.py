"""What the sessions share: clients' capabilities, an editor that takes edits, real folders."""
