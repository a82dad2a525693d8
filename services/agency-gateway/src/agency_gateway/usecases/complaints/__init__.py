"""What agencies and coordinators do to a complaint, each act in one transaction."""

from agency_gateway.usecases.complaints.acting import Complaints
from agency_gateway.usecases.complaints.files import Files
from agency_gateway.usecases.complaints.reading import Audit, Reading

__all__ = ["Audit", "Complaints", "Files", "Reading"]
