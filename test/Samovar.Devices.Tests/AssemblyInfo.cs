[assembly: CollectionBehavior(DisableTestParallelization = true)] // every test here computes on all the cores it is given
