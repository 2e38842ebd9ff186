namespace Samovar.Storage.Sql;

/// <summary>The tables of one room, as steps from nothing to now.</summary>
/// <remarks>
/// To store something more: a folder beside <c>Chains</c> with (1) a <see cref="SchemaRoom"/> of its own, whose steps create its tables,
/// listed in <c>StorageServices</c>; (2) a class that holds its statements' texts, put through <see cref="SqlDialect.Text"/>; (3) a class
/// that writes through <see cref="SqlStore.WriteAsync"/> and reads through <see cref="SqlStore.ReadAsync"/>. A table that changes is a
/// further step; a step that was once released is never changed. The version of a room is how many of its steps were made.
/// <para>
/// Where several servers share a database they are brought to a new version one after the other: the first makes the step while the others
/// run, and go on with the statements of theirs. So a step only adds: tables, indexes, columns that may be NULL or have a default, none of
/// which an older statement has to name. It renames and drops nothing, changes no type or meaning, and adds no constraint that an older
/// statement could meet; and it holds its tables shortly, for all wait for it. What cannot be done so takes two versions: one that
/// writes both forms, and, when no older server runs, one that lets go of the first. A server that starts never has to know a later form.
/// </para>
/// </remarks>
/// <param name="Name">Stands in <c>samovar_schema</c>.</param>
/// <param name="Steps">Each a script in the words that <see cref="SqlDialect.Text"/> knows.</param>
internal sealed record SchemaRoom(string Name, params IReadOnlyList<string> Steps)
{
    /// <summary>What a step has to fill in that no statement can, by the version it leads to; in the step's transaction.</summary>
    public IReadOnlyDictionary<int, Func<SqlSession, CancellationToken, Task>> Fills { get; init; } =
        new Dictionary<int, Func<SqlSession, CancellationToken, Task>>();
}
