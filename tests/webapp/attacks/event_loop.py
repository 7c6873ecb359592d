# control: any
import asyncio


def attack(target):
    return asyncio.run(asyncio.sleep(0, True))
