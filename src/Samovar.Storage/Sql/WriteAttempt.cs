namespace Samovar.Storage.Sql;

/// <summary>What is known of a try to write several writes in one transaction, while it runs and when it has failed.</summary>
/// <remarks>It may end when nobody waits for it any more; its connection is then given up, not left to anybody.</remarks>
internal sealed class WriteAttempt(SqlSession? session, bool isHurried)
{
    private readonly Lock _gate = new();
    private SqlSession? _left;
    private bool _isOver;

    /// <summary>Whether it waits only shortly for what others hold.</summary>
    public bool IsHurried => isHurried;

    /// <summary>Null: a new one is opened.</summary>
    public SqlSession? Session => session;

    /// <summary>From then on nobody knows, until it is answered, whether it was made.</summary>
    public bool IsCommitting { get; set; }

    /// <summary>The statement that failed.</summary>
    public int? FailedAt { get; set; }

    /// <summary>It failed, and its connection can be used again. False: nobody waits for it any more.</summary>
    public bool TryLeave(SqlSession connection)
    {
        lock (_gate)
        {
            if (!_isOver) _left = connection;
            return !_isOver;
        }
    }

    /// <summary>Nobody waits for it from now on.</summary>
    /// <returns>The connection that it left; null where that is given up.</returns>
    public SqlSession? End()
    {
        lock (_gate)
        {
            _isOver = true;
            return _left;
        }
    }
}
