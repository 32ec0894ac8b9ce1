#include "gui/editor/resolved_text.h"

#include "engine/base/text.h"

#include "gui/editor/option_help.h"

#include <QFileInfo>
#include <QRegularExpression>

#include <array>

namespace signalbox::gui {

namespace {

using config::Value;

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// What is never shown, also where the table does not know the block.
bool isSecret(std::vector<std::string> const& path, std::string_view name) {
    constexpr std::array<std::string_view, 8> kNames = {
        "pass", "password", "passwd", "token", "secret", "seed", "key", "nkey_seed"};
    config::Key const* const key = keyIn(path, std::string(name));
    if (key != nullptr && key->type == config::KeyType::Secret) {
        return true;
    }
    for (std::string_view const known : kNames) {
        if (base::equal_ignoring_case(name, known)) {
            return true;
        }
    }
    return false;
}

/// Writes values as a configuration has them. As deep as the lexer lets blocks be.
class ResolvedWriter {
public:
    void members(Value::Map const& map, std::vector<std::string>& path) {
        for (auto const& [name, value] : config::in_order(map)) {
            if (value->used_as_variable() && keyIn(path, std::string(name)) == nullptr) {
                continue;
            }
            bool const block = value->as<Value::Map>() != nullptr;
            std::string const key(name);
            bool const hidden = !block && isSecret(path, name) && value->as<bool>() == nullptr;
            path.push_back(key);
            QString const shown = hidden ? QStringLiteral("[REDACTED]") : text(*value, path);
            path.pop_back();
            QString const line = block ? textOf(name) + QLatin1Char(' ') + shown
                                       : textOf(name) + QStringLiteral(": ") + shown;
            out_ += indent() + withPlace(line, value->position());
        }
    }

    QString take() { return std::move(out_); }

private:
    QString indent() const { return QString(depth_ * 4, QLatin1Char(' ')); }

    /// The place is written behind the first line of what stands there.
    static QString withPlace(QString line, config::Position const& at) {
        QString const file =
            at.file ? QFileInfo(QString::fromStdString(*at.file)).fileName() : QString();
        QString const place = QStringLiteral("# %1:%2").arg(file).arg(at.line);
        qsizetype const end = line.indexOf(QLatin1Char('\n'));
        QString const first = end < 0 ? line : line.left(end);
        QString const rest = end < 0 ? QString() : line.mid(end);
        return first.leftJustified(44) + QStringLiteral("  ") + place + rest + QLatin1Char('\n');
    }

    QString text(Value const& value, std::vector<std::string>& path) {
        if (auto const* map = value.as<Value::Map>()) {
            return block(*map, path);
        }
        if (auto const* array = value.as<Value::Array>()) {
            QStringList parts;
            path.emplace_back("[]");
            for (Value const& element : *array) {
                parts.append(text(element, path));
            }
            path.pop_back();
            QString const joined = parts.join(QStringLiteral(", "));
            return QStringLiteral("[%1]").arg(joined);
        }
        if (auto const* yes = value.as<bool>()) {
            return *yes ? QStringLiteral("true") : QStringLiteral("false");
        }
        if (auto const* number = value.as<std::int64_t>()) {
            return QString::number(*number);
        }
        if (auto const* fraction = value.as<double>()) {
            return QString::number(*fraction);
        }
        if (auto const* word = value.as<std::string>()) {
            // Addresses of other servers may hold a name and a password.
            static QRegularExpression const login(QStringLiteral("://[^@/\\s]*@"));
            return textOf(base::quoted(*word)).replace(login, QStringLiteral("://[REDACTED]@"));
        }
        return QStringLiteral("…");
    }

    QString block(Value::Map const& map, std::vector<std::string>& path) {
        QString outer = std::exchange(out_, {});
        ++depth_;
        members(map, path);
        --depth_;
        QString const inner = std::exchange(out_, std::move(outer));
        return QStringLiteral("{\n%1%2}").arg(inner, indent());
    }

    QString out_;
    int depth_ = 0;
};

}  // namespace

QString resolvedText(Configuration const& configuration) {
    ResolvedWriter writer;
    std::vector<std::string> path;
    writer.members(configuration.document.root, path);
    return writer.take();
}

}  // namespace signalbox::gui
