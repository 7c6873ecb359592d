import time
from datetime import datetime, timedelta


def answer():
    begun = time.time()
    time.sleep(0.001)
    stamp = datetime.now() + timedelta(days=1)
    return (
        time.time() > begun
        and time.strftime("%Y") > "2000"
        and stamp.isoformat() > "2000"
        and time.localtime().tm_year > 2000
    )
