"""Questions over documents and computations over files: how many answers are right, wrong and withheld."""
