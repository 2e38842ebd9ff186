using Samovar.Chains;
using Samovar.Escaping;
using Samovar.Protocol.Errors;
using Samovar.Storage;
using Samovar.Storage.Chains;
using Samovar.Storage.Sql;

namespace Samovar.Server.Hosting;

/// <summary>Where stored responses are kept, for how long, and what changes that, for the ready note and the check of settings.</summary>
internal sealed class StoreNote(StoreOptions store, StoredChainOptions stored, ChainOptions chains, ServerOptions server)
{
    private const string PlaceOptions = "--store", AgeOption = $"{StoredChainOptions.Section}:{nameof(StoredChainOptions.AgeMax)}";

    /// <summary>What a screen says of it: that they are kept, or, where the store is away at this moment, that they are not.</summary>
    /// <param name="trouble">Why it is away; null where it is not.</param>
    public string Line(string? trouble) => trouble is null ? $"keeping stored responses {this}" : ForeignText.OneLine(
        $"stored responses CANNOT be kept {Place}: {trouble.TrimEnd('.')}; turns with store: true are refused until they can ({Instead})");

    /// <summary>Why the data folder cannot hold them, where they are to be kept there; null where it can.</summary>
    public string? FolderFault => store.Place == StoreKind.Sqlite && WritableFolder.FaultOf(server.DataPath) is { } fault
        ? $"--data: stored responses cannot be kept {Place}: {fault}; {Instead}." : null;

    /// <summary>One line, for <c>keeping stored responses …</c>; there is no secret in it.</summary>
    public override string ToString() => ForeignText.OneLine(store.Place switch
    {
        StoreKind.Sqlite => $"{Place} {Age} " +
            $"(change it with {PlaceOptions}, --data, {AgeOption})",
        StoreKind.Postgres => $"{Place} {Age} (change it with {PlaceOptions}, " +
            $"{StoreOptions.Section}:{nameof(StoreOptions.ConnectionString)}, {AgeOption})",
        _ => $"in memory, for {DurationText.Of(chains.AgeMax)} at most, gone at exit (to keep them: {PlaceOptions} sqlite)",
    });

    private string Place => store.Place switch
    {
        StoreKind.Sqlite => $"in {Path.GetFullPath(Path.Combine(server.DataPath, StorageServices.FileName))}",
        StoreKind.Postgres => $"in {PostgresAddress.Of(store).Name}",
        _ => "in memory",
    };

    private string Instead => store.Place == StoreKind.Sqlite ? $"another folder: --data DIR; none: {PlaceOptions} memory"
        : $"without it: {PlaceOptions} memory";

    private string Age => $"for {DurationText.Of(stored.AgeMax)} after their chain's last turn";
}
