using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Notify.Server;

/// <summary>Checks <see cref="NotifyServerOptions"/> and reports everything that is wrong at once.</summary>
internal sealed class NotifyServerValidation : IValidateOptions<NotifyServerOptions>
{
    public ValidateOptionsResult Validate(string? name, NotifyServerOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        string[] problems =
        [
            .. results.Select(result => result.ErrorMessage!), // A failed result has a message.
            .. options.Limits?.Problems(nameof(options.Limits)) ?? [],
            .. options.Hub?.Problems(nameof(options.Hub)) ?? [],
            .. options.Feed?.Problems(nameof(options.Feed)) ?? [],
            .. options.Sharing?.Problems(nameof(options.Sharing)) ?? [],
        ];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
