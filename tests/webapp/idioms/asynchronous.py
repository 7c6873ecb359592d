# says:
import asyncio


async def main():
    await asyncio.sleep(0)
    return True


def answer():
    return asyncio.run(main())
