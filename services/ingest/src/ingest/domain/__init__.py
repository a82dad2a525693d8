"""The rules of intake: what identifies a complaint, what its reporter sees, what stays hidden."""
