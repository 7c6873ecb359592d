# control: any
import resource


def attack(target):
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    return resource.getrlimit(resource.RLIMIT_CPU) == (60, 60)
