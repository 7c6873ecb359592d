# ends: error
# says: sys.exit
import sys

sys.exit(0)
