"""What ``evstats.remarks`` holds: each module is imported when it is first used."""

from . import bounds as bounds
from . import causes as causes
from . import checks as checks
from . import clustering as clustering
from . import evidence as evidence
from . import independence as independence
from . import influence as influence
from . import of_fits as of_fits
from . import of_intervals as of_intervals
from . import trends as trends
