using System.Text.Json;
using Samovar.Backends;
using Samovar.Engine;
using Samovar.Prefixes;

namespace Samovar.Server.Http;

/// <summary>A prefix on the wire.</summary>
internal static class PrefixJson
{
    /// <param name="warmth">What warming it just now took; null where nobody asked for that.</param>
    public static void Write(Utf8JsonWriter json, PrefixView view, PrefixWarmth? warmth = null)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "samovar.prefix"u8);
        json.WriteString("id"u8, view.Id.Value);
        json.WriteString("name"u8, view.Name);
        json.WriteString("model"u8, view.Model);
        json.WriteString("origin"u8, view.Origin);
        json.WriteString("status"u8, view.Status);
        json.WriteString("tier"u8, view.Tier);
        json.WriteNumber("tokens"u8, view.Tokens);
        json.WriteNumber("bytes"u8, view.Bytes);
        json.WriteStartObject("users"u8);
        json.WriteNumber("sessions"u8, view.Sessions);
        json.WriteNumber("running"u8, view.Running);
        json.WriteEndObject();
        WriteUses(json, view);
        if (warmth is not null) WriteWarmth(json, warmth);
        json.WriteEndObject();
    }

    private static void WriteUses(Utf8JsonWriter json, PrefixView view)
    {
        Write(json, "turns"u8, view.Turns);
        json.WriteNumber("hits"u8, view.Hits);
        if (view.IsStored is { } isStored) json.WriteBoolean("store"u8, isStored);
        else json.WriteNull("store"u8);
        Write(json, "created_at"u8, view.CreatedAt?.ToUnixTimeSeconds());
        Write(json, "last_used_at"u8, view.LastUsed?.ToUnixTimeSeconds());
        Write(json, "keep_seconds"u8, (long?)view.Keep?.TotalSeconds);
        Write(json, "expires_at"u8, view.ExpiresAt?.ToUnixTimeSeconds());
    }

    private static void WriteWarmth(Utf8JsonWriter json, PrefixWarmth warmth)
    {
        json.WriteStartObject("warmed"u8);
        json.WriteNumber("cached_tokens"u8, warmth.CachedTokens);
        json.WriteNumber("computed_tokens"u8, warmth.ComputedTokens);
        json.WriteString("from"u8, warmth.Source switch
        {
            CacheSource.None => "none",
            CacheSource.OtherStream => "other_stream",
            CacheSource.Parked => "host_memory",
            CacheSource.Disk => "disk",
            _ => "cells",
        });
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }
}
