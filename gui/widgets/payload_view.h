#pragma once

#include "gui/theme.h"

#include <QWidget>

#include <string>

class QLabel;
class QPlainTextEdit;
class QTabWidget;
class QTableWidget;

namespace signalbox::gui {

/// A payload and its headers, as text, JSON, bytes and a table; opens on the first that fits and
/// then stays with what was chosen.
class PayloadView : public QWidget {
    Q_OBJECT

public:
    enum Tab {
        Text,
        JsonTab,
        Hex,
        Headers,
    };

    PayloadView(Theme const& theme, QWidget* parent = nullptr);

    /// `payloadBytes` is the true size, of which `payload` may be the head alone.
    void show(std::string const& payload, std::string const& headers, quint64 payloadBytes);
    void clear();

    void choose(Tab tab);
    Tab shown() const;
    QString text() const;

private:
    QPlainTextEdit* addText(QString const& title);
    void showHeaders(std::string const& headers);
    Tab bestTab(std::string const& payload, bool json) const;

    QTabWidget* tabs_;
    QLabel* note_;
    QPlainTextEdit* text_;
    QPlainTextEdit* json_;
    QPlainTextEdit* hex_;
    QTableWidget* headers_;
    bool chosen_ = false;    ///< By a person.
    bool choosing_ = false;  ///< By us, just now.
};

}  // namespace signalbox::gui
