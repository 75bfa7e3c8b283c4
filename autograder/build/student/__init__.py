"""Files that every student's folder gets as they are; students have no kit, so they import nothing of it."""
