namespace Samovar.Storage.Sql;

/// <summary>Who may read at the same time; a read that nobody waits for any more keeps its place until it ends.</summary>
/// <param name="free">As many as places. Never disposed: whoever still waited for one then would wait for ever.</param>
/// <param name="count">How many there are.</param>
internal sealed class ReaderPlaces(SemaphoreSlim free, int count)
{
    private int _abandoned;

    /// <summary>Whether nobody gets a place before a database that has not answered in time answers after all.</summary>
    public bool AreAllAbandoned => Volatile.Read(ref _abandoned) >= count;

    public async Task<ReaderPlace> EnterAsync(CancellationToken deadline)
    {
        await free.WaitAsync(deadline);
        return new ReaderPlace(this);
    }

    internal void Abandoned() => Interlocked.Increment(ref _abandoned);

    internal void Ended() => Interlocked.Decrement(ref _abandoned);

    internal void Left(bool wasAbandoned)
    {
        if (wasAbandoned) Ended();
        free.Release();
    }
}

/// <summary>One of them, for one read.</summary>
internal sealed class ReaderPlace(ReaderPlaces places)
{
    private const int IsAbandoned = 1, IsLeft = 2;
    private int _state;

    /// <summary>Nobody waits for the read any more; where it has ended, nothing.</summary>
    public void Abandon()
    {
        places.Abandoned(); // first: whoever leaves meanwhile counts it out again
        if (Interlocked.CompareExchange(ref _state, IsAbandoned, 0) != 0) places.Ended();
    }

    public void Leave() => places.Left(wasAbandoned: Interlocked.Exchange(ref _state, IsLeft) == IsAbandoned);
}
