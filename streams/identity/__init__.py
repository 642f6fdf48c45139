"""Who is who: holders of identifiers, clusters of them, and the people in a cluster."""
