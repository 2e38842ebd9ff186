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

    /// <summary>One line, for <c>keeping stored responses …</c>; there is no secret in it.</summary>
    public override string ToString() => ForeignText.OneLine(store.Place switch
    {
        StoreKind.Sqlite => $"in {Path.GetFullPath(Path.Combine(server.DataPath, StorageServices.FileName))} {Age} " +
            $"(change it with {PlaceOptions}, --data, {AgeOption})",
        StoreKind.Postgres => $"in {PostgresAddress.Of(store).Name} {Age} (change it with {PlaceOptions}, " +
            $"{StoreOptions.Section}:{nameof(StoreOptions.ConnectionString)}, {AgeOption})",
        _ => $"in memory, for {DurationText.Of(chains.AgeMax)} at most, gone at exit (to keep them: {PlaceOptions} sqlite)",
    });

    private string Age => $"for {DurationText.Of(stored.AgeMax)} after their chain's last turn";
}
