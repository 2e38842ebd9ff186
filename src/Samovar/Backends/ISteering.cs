using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;

namespace Samovar.Backends;

/// <summary>What the user says while a turn runs, for a backend that can pass it on to who makes the response.</summary>
public interface ISteering
{
    /// <summary>Whether anything was said, from the moment on in which its user may know that it was taken.</summary>
    bool IsUsed { get; }

    /// <summary>All of it so far, in its order.</summary>
    IReadOnlyList<Item> Said { get; }

    /// <summary>
    /// Calls whenever more is said, and at once where something was, before the turn is ended early for it. Nothing is reported while the
    /// turn waits for outputs of its client.
    /// </summary>
    void OnSaid(Action passOn);

    /// <summary>
    /// Offers what is injected from now on to who makes the response: true where it is sent there, and will be answered. What nobody takes
    /// is said, as words are. Null: nobody is offered it any more.
    /// </summary>
    void OnInjected(Func<IInjection, bool>? passOn);
}

/// <summary>Outputs of calls that are given while a response is made, sent to who makes it. The first answer counts.</summary>
public interface IInjection
{
    /// <summary>What is given.</summary>
    IReadOnlyList<Item> Outputs { get; }

    /// <summary>Who makes the response has it: in the response itself, or in the one that follows.</summary>
    void Taken();

    /// <summary>Who makes the response refuses it, for a reason that the client gets.</summary>
    void Refused(ErrorKind why);

    /// <summary>Who makes the response does not take such things, or is gone: the turn ends early, and what follows has it.</summary>
    void NotTaken();
}
