using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// Reads one call written as a JSON object with a name and arguments, in any order of keys; arguments behind the name are passed on as
/// they come.
/// </summary>
/// <remarks>
/// Refused: nothing was sent, <see cref="Raw"/> is text. BrokenOff: the call had begun and was ended; what follows is no part of it.
/// Unclosed: <see cref="Close"/> says what it is. A call that is marked for one and names a tool is never refused: what is wrong with it
/// breaks it off.
/// </remarks>
/// <param name="sink">Where the call goes.</param>
/// <param name="headCharsMax">Bound of what is kept before the name.</param>
/// <param name="format">The keys of name and arguments.</param>
/// <param name="isStrict">Whether a key that calls do not have shows at once that this is none.</param>
internal sealed class CallReader(IOutputSink sink, int headCharsMax, CallFormat format, bool isStrict = false)
{
    private static readonly string[] NameKeys = ["name", "tool_name", "function"];
    private static readonly string[] ArgumentKeys = ["arguments", "parameters", "args"];
    private static readonly string[] IdKeys = ["id", "call_id", "tool_call_id"];
    private static readonly string[] CallKeys = [.. NameKeys, .. ArgumentKeys, .. IdKeys, "type", "index"];

    private const int EarlyHeadsMax = 64;

    private enum Place { Start, KeyOrEnd, Key, InKey, Colon, Function, Value, Arguments, Behind }

    /// <summary>Bound of arguments that stand before the name.</summary>
    private long EarlyCharsMax => (long)headCharsMax * EarlyHeadsMax;

    private bool IsTooLong => _argumentChars > EarlyCharsMax || _raw.Length - _argumentChars > headCharsMax;

    private readonly StringBuilder _raw = new();
    private readonly StringBuilder _key = new();
    private readonly StringBuilder _value = new();
    private readonly StringBuilder _out = new();
    private Place _place = Place.Start;
    private MendedJson _json = new();
    private readonly ArgumentReader _arguments = new();
    private string? _name;
    private string? _early;
    private bool _begun;
    private bool _hasBegun;
    private bool _hasOnlyCallKeys = true;
    private bool _isNested; // within {"function": …}
    private bool _isDoubled; // {{"name": …}}, as templates escape it
    private char _keyQuote;
    private long _argumentChars; // which have a bound of their own while no name is known
    private string? _id;

    /// <summary>All that was read while nothing was sent.</summary>
    public string Raw => _raw.ToString();

    /// <summary>Whether the call's beginning was sent.</summary>
    public bool HasBegun => _begun;

    /// <summary>Whether its name is known.</summary>
    public bool HasName => _name is not null;

    /// <summary>Reads on; returns how many characters were taken.</summary>
    public (int Taken, CallProgress Progress) Read(ReadOnlySpan<char> text)
    {
        var taken = 0;
        var progress = CallProgress.More;
        while (taken < text.Length && progress == CallProgress.More)
        {
            var isArguments = _place == Place.Arguments;
            progress = Feed(text[taken]);
            if (progress is CallProgress.BrokenOff or CallProgress.Unclosed) break; // that character is not its own
            if (!_begun) _raw.Append(text[taken]);
            if (isArguments) _argumentChars++;
            taken++;
            if (!_begun && progress == CallProgress.More && IsTooLong) progress = CallProgress.Refused;
        }
        Flush();
        if (progress is CallProgress.BrokenOff || (progress is CallProgress.Done && _begun)) sink.EndCall(progress is CallProgress.Done);
        return (taken, progress);
    }

    /// <summary>Ends a call that lacks its last bracket.</summary>
    /// <param name="isWhole">Whether that was left out, and nothing else.</param>
    public CallProgress Close(bool isWhole)
    {
        if (!_begun && !Begin()) return CallProgress.Refused;
        if (_early is not null && !_hasBegun) sink.Arguments(_early);
        sink.EndCall(isWhole);
        return isWhole ? CallProgress.Done : CallProgress.BrokenOff;
    }

    /// <summary>Ends a call whose text will not come to its end.</summary>
    public void Abandon()
    {
        if (_begun) sink.EndCall(isWhole: false);
    }

    /// <summary>Ends a call where a limit cut it off; false where its name is not known yet, or it has none that may be called.</summary>
    public bool TryCut()
    {
        if (!_begun && (_name is null || !Begin())) return false;
        if (_early is not null && !_hasBegun) sink.Arguments(_early);
        sink.EndCall(isWhole: false);
        return true;
    }

    /// <summary>Whether what was read so far may be the beginning of an offered call, its keys included.</summary>
    public bool MayBecomeCall => sink.Offers(_name ?? (_place == Place.Value && IsName ? _value.ToString().TrimStart(' ', '"') : ""));

    /// <summary>Whether every key so far is one that calls have.</summary>
    public bool HasOnlyCallKeys => _hasOnlyCallKeys
        && (_place != Place.InKey || IsMap || CallKeys.Any(key => key.StartsWith(_key.ToString(), StringComparison.Ordinal)));

    /// <summary>Whether the one key is the name.</summary>
    private bool IsMap => format.NameKey is null;

    private bool IsName => _key.ToString() is var key && (NameKeys.Contains(key) || key == format.NameKey);

    private bool IsArguments => _key.ToString() is var key && (ArgumentKeys.Contains(key) || key == format.ArgumentsKey);

    private bool IsKnown => IsName || IsArguments || CallKeys.Contains(_key.ToString());

    private CallProgress Feed(char one)
    {
        switch (_place)
        {
            case Place.InKey: return InKey(one);
            case Place.Value: return InValue(one);
            case Place.Arguments: return InArguments(one);
        }
        if (char.IsWhiteSpace(one)) return CallProgress.More;
        return (_place, one) switch
        {
            (Place.Start, '{') => Go(Place.KeyOrEnd),
            (Place.KeyOrEnd, '{') when !_isDoubled && IsMarked && _raw.ToString().TrimEnd() == "{" => Double(),
            (Place.KeyOrEnd or Place.Key, '"' or '\'') => BeginKey(one),
            (Place.Colon, ':') => BeginValue(),
            (Place.Function, '{') => Nest(),
            (Place.Function, _) => BeginText(one),
            (Place.Behind, ',') => Go(Place.Key),
            (Place.KeyOrEnd or Place.Key or Place.Behind, '}') => _isNested ? Unnest() : Finish(),
            (Place.Behind, _) when IsMarked && !_isNested && HasAll => CallProgress.Unclosed,
            _ => Stop(),
        };
    }

    private CallProgress Nest()
    {
        if (_isNested) return Stop();
        _isNested = true;
        return Go(Place.KeyOrEnd);
    }

    private CallProgress Double()
    {
        _isDoubled = true;
        return CallProgress.More;
    }

    private CallProgress Unnest()
    {
        _isNested = false;
        return Go(Place.Behind);
    }

    private CallProgress BeginText(char one)
    {
        _place = Place.Value;
        return InValue(one);
    }

    private CallProgress InKey(char one)
    {
        if (one == _keyQuote)
        {
            _hasOnlyCallKeys &= IsMap || IsKnown;
            return isStrict && !_hasOnlyCallKeys ? Stop() : Go(Place.Colon);
        }
        if (one == '\\' || _key.Length > 64) return Stop();
        _key.Append(one);
        return CallProgress.More;
    }

    private CallProgress BeginKey(char quote)
    {
        _keyQuote = quote;
        _key.Clear();
        return Go(Place.InKey);
    }

    private CallProgress BeginValue()
    {
        _value.Clear();
        _json = new MendedJson();
        if (IsMap && _name is null && !IsKnown)
        {
            _name = _key.ToString();
            return Go(Place.Arguments);
        }
        if (IsArguments && (_hasBegun || _early is not null)) return Stop();
        return Go(IsArguments ? Place.Arguments : _key.ToString() == "function" ? Place.Function : Place.Value);
    }

    private CallProgress InValue(char one)
    {
        var progress = _json.Feed(one, _value);
        if (progress == JsonProgress.Broken) return Stop();
        if (progress == JsonProgress.Inside) return CallProgress.More;
        if (IsName && !TakeName()) return Stop();
        if (IdKeys.Contains(_key.ToString()) && format.Id == CallIdPlace.InHead && JsonInput.TryParse(_value.ToString(), out var id))
            _id = id.AsText();
        _place = Place.Behind;
        return progress == JsonProgress.EndedBefore ? Feed(one) : CallProgress.More;
    }

    private bool TakeName()
    {
        if (_name is not null) return false;
        if (!JsonInput.TryParse(_value.ToString(), out var value)) return false;
        _name = value.AsText();
        return !string.IsNullOrEmpty(_name);
    }

    private CallProgress InArguments(char one)
    {
        var progress = _arguments.Feed(one, _out);
        if (progress == JsonProgress.Broken) return Stop();
        if (_arguments.Streams && _name is not null && !_begun && !Begin()) return CallProgress.Refused;
        if (progress == JsonProgress.Inside) return CallProgress.More;
        var arguments = _arguments.Streams ? "" : _arguments.Whole();
        if (arguments is null) return Stop();
        if (_name is null) _early = _arguments.Streams ? _out.ToString() : arguments;
        else if (!_arguments.Streams)
        {
            if (!Begin()) return CallProgress.Refused;
            _out.Append(arguments);
        }
        _hasBegun = _name is not null;
        if (_early is not null) _out.Clear();
        _place = Place.Behind;
        return progress == JsonProgress.EndedBefore ? Feed(one) : CallProgress.More;
    }

    private CallProgress Finish()
    {
        if (_name is null || (!_begun && !Begin())) return CallProgress.Refused;
        if (!_hasBegun) _out.Append(_early ?? "{}");
        return CallProgress.Done;
    }

    private bool Begin() => _begun = sink.BeginCall(HeadText.NameIn(_name!), _id);

    private void Flush()
    {
        if (!_begun || _out.Length == 0) return;
        foreach (var chunk in _out.GetChunks()) sink.Arguments(chunk.Span);
        _out.Clear();
    }

    private CallProgress Go(Place place)
    {
        _place = place;
        return CallProgress.More;
    }

    /// <summary>Whether a mark stands before it: then it is no object that an answer merely shows.</summary>
    private bool IsMarked => format.Trigger.Length > 0 && !IsMap;

    private bool HasAll => _name is not null && (_hasBegun || _early is not null);

    private CallProgress Stop() =>
        _begun || (IsMarked && _name is not null && Begin()) ? CallProgress.BrokenOff : CallProgress.Refused;
}
