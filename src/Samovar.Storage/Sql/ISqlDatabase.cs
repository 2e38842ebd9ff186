namespace Samovar.Storage.Sql;

/// <summary>What a fault of a database means for others.</summary>
internal enum SqlFault
{
    /// <summary>The statement's own: others work.</summary>
    Own,

    /// <summary>Two got in each other's way: the same works, or fails by its own fault, when it is tried again.</summary>
    Conflict,

    /// <summary>Another's transaction holds what it needs, and did so for all the time that it may wait: others work.</summary>
    Held,

    /// <summary>Nothing works now.</summary>
    Away,

    /// <summary>What is stored there cannot be read.</summary>
    Damaged,
}

/// <summary>What a driver is called for: one kind never waits behind another.</summary>
internal enum SqlWork
{
    /// <summary>Whoever calls has one of <see cref="StoreOptions.ReadersMax"/> places.</summary>
    Read,

    /// <summary>One at a time.</summary>
    Write,
}

/// <summary>How a read ended, for what becomes of its connection and of others.</summary>
internal enum ReaderEnd
{
    Read,

    /// <summary>Whoever asked has gone, and it was broken off: that says nothing of the database.</summary>
    Left,

    /// <summary>Something went wrong, or it took too long: other connections may be dead, too.</summary>
    Broken,
}

/// <summary>A database: how it is opened, and what its faults mean.</summary>
internal interface ISqlDatabase : IAsyncDisposable
{
    /// <summary>What operators know it by; never with a password.</summary>
    string Name { get; }

    SqlDialect Dialect { get; }

    /// <summary>Whether other servers may use it at the same time.</summary>
    bool IsShared { get; }

    /// <summary>Begins a transaction that waits only shortly for what others hold; null where none waits for others.</summary>
    SqlStatement? Hurry { get; }

    /// <summary>The connection that writes; there is one at a time.</summary>
    /// <exception cref="StoreRefusedException">What lies there is not for this server.</exception>
    ValueTask<SqlSession> OpenWriterAsync(CancellationToken deadline);

    /// <summary>A connection to read with.</summary>
    ValueTask<SqlSession> OpenReaderAsync(CancellationToken deadline);

    /// <summary>The counterpart of <see cref="OpenReaderAsync"/>.</summary>
    ValueTask CloseReaderAsync(SqlSession session, ReaderEnd end);

    SqlFault FaultOf(Exception exception);

    /// <summary>Whether a commit that failed so was certainly not made.</summary>
    bool IsTakenBack(Exception exception);

    /// <summary>Runs what calls the driver where that may block: then nobody's thread but the database's own waits for a disk.</summary>
    /// <exception cref="StoreAwayException">What was given before blocks still.</exception>
    Task<T> RunAsync<T>(SqlWork kind, Func<Task<T>> work);

    /// <summary>What the database needs beside the writes, until the server stops.</summary>
    Task MaintainAsync(CancellationToken nodeStopping);
}

/// <summary>What lies where the store should be is another program's, a later version's, damaged, or in use: it is left as it is.</summary>
internal sealed class StoreRefusedException(string message, Exception? inner = null) : Exception(message, inner);
