using Samovar.Engine.Sequences;

namespace Samovar.Engine.Disk;

/// <summary>Which stored responses need which files. Under the index's lock; safe for all threads.</summary>
/// <remarks>
/// A response that goes on from another needs what that one needs: so a file is noted with the first of a chain that goes through it, and
/// a turn adds what is its own. One that is deleted stays as long as others go on from it, as its row in the store does. What is noted is
/// handed to the folder's journal, so that it is known after a restart.
/// </remarks>
internal sealed class DiskUses(Lock gate, TimeProvider time)
{
    private readonly Dictionary<(string Scope, string Id), StateOwner> _owners = [];
    private const int NewsMax = 100_000; // what all of it takes has no such bound
    private const int GoneMax = 65_536; // those that were forgotten last: state in memory may still name them
    private readonly HashSet<(string Scope, string Id)> _gone = [];
    private readonly Queue<(string Scope, string Id)> _goneInTurn = [];
    private List<JournalEntry> _news = [];
    private long _numbered;
    private bool _isTooMuch;

    /// <summary>A stored response; nobody in particular without an id.</summary>
    /// <param name="before">The one that it goes on from.</param>
    /// <param name="since">When it was first heard of, where that is not now.</param>
    public StateOwner Of(string scope, string? id, string? before = null, DateTimeOffset? since = null)
    {
        lock (gate)
        {
            var name = (id is null ? "" : scope, id ?? "");
            if (_owners.TryGetValue(name, out var known)) return known;
            var front = before is not null && before != id ? _owners.GetValueOrDefault((scope, before)) : null;
            var owner = new StateOwner(name.Item1, name.Item2, front, since ?? time.GetUtcNow())
            {
                IsForgotten = since is null && _gone.Contains(name),
            };
            if (!owner.IsForgotten) List(owner);
            return owner;
        }
    }

    /// <summary>Whether anybody may have such state written.</summary>
    public bool IsNeeded(IReadOnlyList<StateOwner> owners)
    {
        lock (gate)
        {
            foreach (var owner in owners)
                if (IsWanted(owner)) return true;
            return false;
        }
    }

    /// <summary>Leaves those out who need nothing more.</summary>
    public void RemoveUnneeded(List<StateOwner> owners)
    {
        lock (gate) owners.RemoveAll(owner => !IsWanted(owner));
    }

    /// <summary>A piece is of use to some, up to a place of its path.</summary>
    public void Note(DiskPiece piece, IReadOnlyList<StateOwner> owners, int until)
    {
        lock (gate)
            foreach (var owner in owners)
                if (!piece.IsGone && IsWanted(owner) && !IsCovered(piece, owner, until)) Add(piece, owner, until);
    }

    /// <summary>A response is gone: the pieces that it needed, which may be needed by nobody now, or not to their ends.</summary>
    public IReadOnlyList<DiskPiece> Forget(string scope, string id)
    {
        lock (gate)
        {
            if (id.Length == 0) return [];
            if (_gone.Add((scope, id))) _goneInTurn.Enqueue((scope, id));
            while (_goneInTurn.Count > GoneMax) _gone.Remove(_goneInTurn.Dequeue());
            if (!_owners.TryGetValue((scope, id), out var owner) || owner.IsForgotten) return [];
            owner.IsForgotten = true;
            if (owner.Number > 0) Tell(new JournalEntry.Gone(owner.Number));
            var touched = new HashSet<DiskPiece>();
            for (var at = owner; at is { IsNeeded: false }; at = at.Before) Unlist(at, touched);
            return [.. touched];
        }
    }

    /// <summary>How far of its path a piece is of use to anybody; 0: to nobody.</summary>
    public int NeededUntil(DiskPiece piece)
    {
        var most = 0;
        lock (gate)
            foreach (var until in piece.Users.Values) // there may be many: the first one mostly needs all of it
                if ((most = Math.Max(most, until)) >= piece.Head.End) break;
        return most;
    }

    /// <summary>Some of those who need a piece up to a place at least.</summary>
    public IReadOnlyList<StateOwner> UsersOf(DiskPiece piece, int until, int most)
    {
        lock (gate) return [.. piece.Users.Where(user => user.Value >= until).Select(static user => user.Key).Take(most)];
    }

    /// <summary>Another piece takes the place of one: whoever needed that needs this.</summary>
    public void Move(DiskPiece from, DiskPiece to)
    {
        lock (gate)
            foreach (var (owner, until) in from.Users)
                if (Math.Min(until, to.Head.End) is var most && to.Users.GetValueOrDefault(owner) < most) Add(to, owner, most);
    }

    /// <summary>A piece is no longer there. The index's own call.</summary>
    public static void Dropped(DiskPiece piece)
    {
        foreach (var owner in piece.Users.Keys) owner.Copies.Remove(piece);
        piece.Users.Clear();
    }

    /// <summary>Those whose responses should still be there, of those that were heard of before a time.</summary>
    public IReadOnlyList<(string Scope, string Id)> ListedBefore(DateTimeOffset until)
    {
        lock (gate)
        {
            foreach (var owner in _owners.Values.Where(owner => owner.Since < until).OrderByDescending(owner => owner.Since).ToList())
                if (owner is { Copies.Count: 0, Continuations: 0, Before: not { IsForgotten: true } })
                    Unlist(owner, []); // one whose state is written yet is listed again
            return [.. _owners.Values.Where(owner => !owner.IsForgotten && owner.Id.Length > 0 && owner.Since < until)
                .Select(static owner => (owner.Scope, owner.Id))];
        }
    }

    /// <summary>What is to be written down since the last time; null where all is.</summary>
    public IReadOnlyList<JournalEntry>? TakeNews()
    {
        lock (gate)
        {
            if (_isTooMuch) return null;
            var news = _news;
            if (news.Count > 0) _news = [];
            return news;
        }
    }

    /// <summary>All that holds now, in the order in which it is to be read.</summary>
    public IReadOnlyList<JournalEntry> TakeAll()
    {
        lock (gate)
        {
            var all = new List<JournalEntry>();
            (_news, _numbered, _isTooMuch) = ([], 0, false);
            foreach (var owner in _owners.Values) owner.Number = 0;
            foreach (var owner in _owners.Values)
                foreach (var piece in owner.Copies.OfType<DiskPiece>())
                    if (piece.Users.TryGetValue(owner, out var until)) SayUse(all.Add, piece, owner, until);
            foreach (var owner in _owners.Values)
                if (owner is { IsForgotten: true, Number: > 0 }) all.Add(new JournalEntry.Gone(owner.Number));
            return all;
        }
    }

    /// <summary>One that is not listed may have been forgotten since.</summary>
    private bool IsWanted(StateOwner owner) => owner.IsNeeded && (owner.IsListed || !_gone.Contains((owner.Scope, owner.Id)));

    private void Add(DiskPiece piece, StateOwner owner, int until)
    {
        if (!owner.IsListed) List(owner);
        piece.Users[owner] = until;
        owner.Copies.Add(piece);
        SayUse(Tell, piece, owner, until);
    }

    private void List(StateOwner owner)
    {
        owner.IsListed = true;
        _owners[(owner.Scope, owner.Id)] = owner;
        if (owner.Before is not { } front) return;
        front.Continuations++;
        if (!front.IsListed) List(front);
    }

    private void Unlist(StateOwner owner, HashSet<DiskPiece> touched)
    {
        if (!owner.IsListed) return;
        (owner.IsListed, owner.Number) = (false, 0); // the number may be another's when it is listed again
        _owners.Remove((owner.Scope, owner.Id));
        foreach (var piece in owner.Copies.OfType<DiskPiece>())
            if (piece.Users.Remove(owner)) touched.Add(piece);
        owner.Copies.Clear();
        if (owner.Before is { } before) before.Continuations--;
    }

    private void SayUse(Action<JournalEntry> say, DiskPiece piece, StateOwner owner, int until)
    {
        SayOwner(say, owner);
        say(new JournalEntry.Use(owner.Number, piece.Head.EndHash, piece.Head.IsRows, until));
    }

    private void SayOwner(Action<JournalEntry> say, StateOwner owner)
    {
        var news = new Stack<StateOwner>(); // in front of it: a chain may be long
        for (var at = owner; at is { Number: 0 }; at = at.Before) news.Push(at);
        while (news.TryPop(out var next))
        {
            next.Number = ++_numbered;
            say(new JournalEntry.Owner(next.Number, next.Scope, next.Id, next.Before?.Number ?? 0, next.Since));
        }
    }

    private void Tell(JournalEntry entry)
    {
        if (_news.Count < NewsMax) _news.Add(entry);
        else _isTooMuch = true; // nobody writes it down: all is written when somebody can
    }

    private static bool IsCovered(DiskPiece piece, StateOwner owner, int until)
    {
        if (piece.Users.Count == 0) return false;
        for (var at = owner; at is not null; at = at.Before)
            if (piece.Users.TryGetValue(at, out var known) && known >= until) return true;
        return false;
    }
}
