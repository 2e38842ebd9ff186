using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;
using static Samovar.Gateway.Wire.Bodies.FieldUse;
using Table = Samovar.Protocol.Fields.FieldUse;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>What happens to a request's field on its way to an upstream.</summary>
internal enum FieldUse
{
    /// <summary>Sent as it came.</summary>
    Forward,

    /// <summary>Rewritten: from what is in force, or under the upstream's own name.</summary>
    Own,

    /// <summary>Not understood there.</summary>
    Drop,

    /// <summary>Not understood there, and must not be missed.</summary>
    Refuse,
}

/// <summary>What the field table says of a request's fields, for one destination. A field without a row goes to upstreams that take unknown
/// ones.</summary>
internal static class FieldTable
{
    public static FieldUse For(string field, Destination destination)
    {
        if (field == BillingHeader.Field) return Own; // written by the driver that has a place for it
        if (FieldReport.UsesOf(field) is { } uses) return In(uses, destination);
        return destination.Dialect.TakesUnknown && destination.Kind != DestinationKind.Messages ? Forward : Drop;
    }

    private static FieldUse In(FieldUses uses, Destination destination)
    {
        var use = destination.Kind switch
        {
            DestinationKind.Chat => uses.Chat,
            DestinationKind.Messages => uses.Messages,
            _ => uses.Responses,
        };
        return use switch
        {
            Table.Done => Own,
            Table.PassedOn => Forward,
            Table.ForProviders => destination.Dialect.IsProvider ? Forward : Drop,
            Table.ForSamovar => destination.Dialect.IsSamovar ? Forward : Drop,
            Table.Refused => Refuse,
            _ => Drop,
        };
    }

    /// <summary>
    /// Writes the fields that are sent as they came; returns the names of those that are not understood and would have said something.
    /// </summary>
    public static IReadOnlyList<string> WriteForwarded(this UpstreamBody body, CreateRequest request, Destination destination)
    {
        List<string>? dropped = null;
        foreach (var (name, value) in request.Fields)
        {
            switch (For(name, destination))
            {
                case Forward: body.Field(name, value); break;
                case Drop when value.IsSet(): (dropped ??= []).Add(name); break;
                case Refuse when value.IsSet(): throw CannotSend.Field(name);
            }
        }
        var inner = FieldReport.LeftOut(request, destination, static (uses, destination) => In(uses, destination) == Drop, innerOnly: true);
        return dropped is null ? inner : [.. dropped, .. inner];
    }
}
