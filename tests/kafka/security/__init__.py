"""How clients of the broker show who they are."""
