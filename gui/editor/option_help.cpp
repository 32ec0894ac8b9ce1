#include "gui/editor/option_help.h"

#include "engine/base/text.h"

#include <QCoreApplication>

#include <limits>
#include <optional>

namespace signalbox::gui {

namespace {

QString say(char const* text) {
    return QCoreApplication::translate("option", text);
}

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

std::optional<config::Block> blockAt(std::vector<std::string> const& path) {
    auto const is = [&](std::size_t level, std::string_view name) {
        return base::equal_ignoring_case(path[level], name);
    };
    if (path.empty()) {
        return config::Block::Top;
    }
    if (path.size() == 1 && is(0, "authorization")) {
        return config::Block::Authorization;
    }
    if (path.size() == 3 && is(0, "authorization") && is(1, "users")) {
        return config::Block::User;
    }
    if (path.size() == 1 && is(0, "signalbox")) {
        return config::Block::Own;
    }
    return std::nullopt;
}

QString defaultText(config::Key const& key) {
    std::string const text = key.print == nullptr ? "" : key.print(config::Options{});
    return text == "[]" || text == "map[]" ? QString() : textOf(text);
}

QString boundsText(config::Key const& key) {
    bool const low = key.lowest != std::numeric_limits<std::int64_t>::min();
    bool const high = key.highest != std::numeric_limits<std::int64_t>::max();
    if (low && high) {
        return say("from %1 to %2").arg(key.lowest).arg(key.highest);
    }
    if (low) {
        return say("%1 or more").arg(key.lowest);
    }
    return high ? say("at most %1").arg(key.highest) : QString();
}

/// What one writes most often for such a value, as a hint.
QString example(config::KeyType type) {
    switch (type) {
        case config::KeyType::Duration:
        case config::KeyType::Seconds:
            return QStringLiteral("30s, 2m, 1h30m");
        case config::KeyType::Address:
            return QStringLiteral("4222, \"127.0.0.1:4222\"");
        case config::KeyType::Strings:
            return QStringLiteral("[\"one\", \"two\"]");
        case config::KeyType::Boolean:
            return QStringLiteral("true, false");
        default:
            return {};
    }
}

}  // namespace

config::Key const* keyIn(std::vector<std::string> const& path, std::string const& name) {
    std::optional<config::Block> const block = blockAt(path);
    return block ? config::find_key(*block, name) : nullptr;
}

QStringList keysIn(std::vector<std::string> const& path) {
    QStringList names;
    if (std::optional<config::Block> const block = blockAt(path)) {
        for (config::Key const& key : config::keys_of(*block)) {
            if (key.built()) {
                names.append(textOf(key.name()));
            }
        }
    }
    names.sort();
    return names;
}

QStringList valuesOf(config::Key const& key) {
    if (key.type == config::KeyType::Boolean) {
        return {QStringLiteral("false"), QStringLiteral("true")};
    }
    QString const standard = defaultText(key);
    bool const plain = !standard.isEmpty() && key.type != config::KeyType::Secret;
    return plain ? QStringList{standard} : QStringList();
}

QString typeText(config::KeyType type) {
    switch (type) {
        case config::KeyType::Boolean:
            return say("yes or no");
        case config::KeyType::Integer:
            return say("number");
        case config::KeyType::Duration:
        case config::KeyType::Seconds:
            return say("duration");
        case config::KeyType::Address:
            return say("port or host:port");
        case config::KeyType::Secret:
            return say("secret");
        case config::KeyType::Block:
            return say("block");
        default:
            return say("text");
    }
}

QString helpHtml(config::Key const& key, std::vector<std::string> const& path) {
    QString where;
    for (std::string const& part : path) {
        if (part == "[]") {
            continue;
        }
        where += textOf(part).toHtmlEscaped() + QStringLiteral(" › ");
    }
    QString html =
        QStringLiteral("<p>%1<b>%2</b></p>").arg(where, textOf(key.name()).toHtmlEscaped());
    if (!key.built()) {
        return html + QStringLiteral("<p>%1</p>")
                          .arg(say("Belongs to %1, which is not part of this build yet.")
                                   .arg(textOf(key.part).toHtmlEscaped()));
    }
    html += QStringLiteral("<p>%1</p><table cellspacing=0 cellpadding=2>")
                .arg(textOf(key.about).toHtmlEscaped());
    auto const row = [&](QString const& name, QString const& value) {
        if (!value.isEmpty()) {
            html += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>")
                        .arg(name, value.toHtmlEscaped());
        }
    };
    row(say("Type"), typeText(key.type));
    row(say("Default"), defaultText(key));
    row(say("Range"), boundsText(key));
    row(say("Such as"), example(key.type));
    QString const aliases = textOf(key.names)
                                .section(QLatin1Char(' '), 1)
                                .replace(QLatin1Char(' '), QStringLiteral(", "));
    row(say("Also called"), aliases);
    row(say("A change"), key.type == config::KeyType::Block          ? QString()
                         : key.reload == config::ReloadRule::Applied ? say("applies on reload")
                                                                     : say("needs a restart"));
    return html + QStringLiteral("</table>");
}

QString helpLine(config::Key const& key) {
    if (!key.built()) {
        return say("%1: belongs to %2, which is not part of this build yet")
            .arg(textOf(key.name()), textOf(key.part));
    }
    QString line = QStringLiteral("%1 (%2)").arg(textOf(key.name()), typeText(key.type));
    QString const standard = defaultText(key);
    if (!standard.isEmpty()) {
        line += say(", default %1").arg(standard);
    }
    return line + QStringLiteral("\n") + textOf(key.about);
}

}  // namespace signalbox::gui
