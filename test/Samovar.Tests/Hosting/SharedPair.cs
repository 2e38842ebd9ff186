namespace Samovar.Tests.Hosting;

/// <summary>Two servers of one PostgreSQL that stay for all tests of a class: each of them takes a chain or a conversation of its own, and
/// leaves the servers running.</summary>
public sealed class SharedPair : IAsyncLifetime
{
    private SharingPair? _pair;

    internal SharedDatabase Database { get; } = new();

    /// <summary>Of their schema; empty before they are started.</summary>
    internal string Address { get; private set; } = "";

    public ValueTask InitializeAsync() => Database.InitializeAsync();

    /// <summary>Both, started by who asks first. Skips the test where the machine has no PostgreSQL.</summary>
    /// <param name="begun">Does something in the database before the first test.</param>
    internal async Task<SharingPair> PairAsync(Func<string, Task>? begun = null)
    {
        if (_pair is not null)
        {
            await _pair.A.Process.SignalAsync("CONT"); // a test that failed may have left it stopped
            return _pair;
        }
        _pair = await Database.StartTwoAsync(Address = Database.NewAddress());
        if (begun is not null) await begun(Address);
        return _pair;
    }

    public async ValueTask DisposeAsync()
    {
        if (_pair is not null)
        {
            await _pair.A.DisposeAsync();
            await _pair.B.DisposeAsync();
        }
        await Database.DisposeAsync();
    }
}
