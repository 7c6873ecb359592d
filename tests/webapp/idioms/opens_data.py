# says: Error ... data.csv ... files
def answer():
    with open("data.csv") as file:
        return file.read()
