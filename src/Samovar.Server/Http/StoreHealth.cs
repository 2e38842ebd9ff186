using System.Text.Json;
using Samovar.Storage.Sql;

namespace Samovar.Server.Http;

/// <summary>What health says of the store.</summary>
internal sealed class StoreHealth(StoreOptions store, SqlStore? database = null)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("store"u8);
        json.WriteString("kind"u8, database is null ? "memory" : store.Kind);
        var now = database?.Figures ?? default;
        json.WriteString("status"u8, now.Trouble is null ? "ok"u8 : "away"u8);
        if (now.Trouble is { } trouble)
        {
            json.WriteString("reason"u8, trouble);
            json.WriteNumber("away_seconds"u8, now.AwayFor.TotalSeconds);
        }
        json.WriteNumber("waiting"u8, now.Waiting);
        json.WriteEndObject();
    }
}
