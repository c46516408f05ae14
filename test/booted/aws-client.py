# A program of somebody else on the host, with AWS's SDK for Python: asks for the zone again and again, for the last time when so
# many seconds have gone by since its first answer, and prints what it was told and how many sessions it signed with.
import sys
import time

import boto3

session = boto3.Session(region_name="us-east-1")
route53 = session.client("route53")
zones, keys = set(), set()
until = None
while True:
    is_last = until is not None and time.monotonic() >= until
    zones.add(route53.list_hosted_zones_by_name(DNSName="lan.example")["HostedZones"][0]["Name"])
    keys.add(session.get_credentials().get_frozen_credentials().access_key)
    if is_last:
        break
    until = until or time.monotonic() + float(sys.argv[1])
print(*zones, len(keys))
