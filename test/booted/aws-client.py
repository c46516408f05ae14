# A program of somebody else on the host, with AWS's SDK for Python: asks for the zone again and again for so many seconds,
# and prints what it was told and how many sessions it signed with.
import sys
import time

import boto3

until = time.monotonic() + float(sys.argv[1])
session = boto3.Session(region_name="us-east-1")
route53 = session.client("route53")
zones, keys = set(), set()
while True:
    zones.add(route53.list_hosted_zones_by_name(DNSName="lan.example")["HostedZones"][0]["Name"])
    keys.add(session.get_credentials().get_frozen_credentials().access_key)
    if time.monotonic() >= until:
        break
print(*zones, len(keys))
