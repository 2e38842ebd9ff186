using System.Text;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>One call of an answer, as far as its pieces came.</summary>
/// <param name="index">The upstream's number of it, if it has any.</param>
/// <param name="list">The list of calls that began it; lists are counted.</param>
/// <param name="hasOwnId">Whether no other call has its id.</param>
internal sealed class CallSlot(int? index, int list, bool hasOwnId)
{
    private SentText _came;
    private string? _onePiece;

    public int? Index => index;
    public bool HasOwnId => hasOwnId;

    /// <summary>The list that began it.</summary>
    public int List => list;

    /// <summary>The newest list that named it.</summary>
    public int NamedIn { get; set; }
    public string? Id { get; set; }
    public string? Name { get; set; }
    public CallEvents? Events { get; set; }
    public StringBuilder Early { get; } = new();
    public RawJson Extra { get; set; }

    /// <summary>Whether arguments without a name or number were taken for those of a call behind it.</summary>
    public bool IsPassedOver { get; set; }

    public bool HasArguments => _came.Length > 0;
    public bool IsWhole => Events?.IsWhole == true;

    /// <summary>Whether a piece of arguments begins those of another call: these are broken, and it could be read by itself.</summary>
    public bool IsLeftBy(string arguments) =>
        Events?.IsBroken == true && !IsPiece(arguments) && arguments.AsSpan().TrimStart().StartsWith("{");

    /// <summary>More of the arguments.</summary>
    public void Take(string arguments)
    {
        if (!HasArguments) _onePiece = arguments;
        else if (!IsWhole) _onePiece = null;
        _came.Add(arguments);
    }

    /// <summary>Whether the arguments came in one piece, and it was this one.</summary>
    public bool IsPiece(string arguments) => _onePiece == arguments;

    /// <summary>Whether the arguments came in one piece, and it was another one.</summary>
    public bool IsOtherPiece(string arguments) => _onePiece is not null && _onePiece != arguments;

    /// <summary>Whether a message tells again what came.</summary>
    public bool IsToldBy(CallPiece piece) => Name == piece.Name && (Id is null || piece.Id is null || Id == piece.Id)
        && _came.Is(piece.Arguments);

    /// <summary>What of the arguments in a message did not come yet: messages grow, or come piece by piece.</summary>
    public string RestOf(string arguments) => _came.IsStartOf(arguments) ? arguments[_came.Length..] : arguments;
}
