#pragma once

#include "gui/theme.h"

#include <QDialog>
#include <QIcon>

#include <functional>

class QLineEdit;
class QListWidget;

namespace signalbox::gui {

/// One thing the palette can do.
struct PaletteEntry {
    QString text;
    QString group;
    QString shortcut;
    QIcon icon;
    std::function<void()> run;
};

/// Everything the window can do, found by typing a few letters of it.
class CommandPalette : public QDialog {
    Q_OBJECT

public:
    /// What is typed may itself be offered for something, such as a subject to go to.
    using Offer = std::function<std::vector<PaletteEntry>(QString const& typed)>;

    CommandPalette(Theme const& theme, std::vector<PaletteEntry> entries, Offer offer,
                   QWidget* parent);

    /// The texts of what is listed now, best first.
    QStringList listed() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void list(QString const& typed);
    void runCurrent();

    std::vector<PaletteEntry> entries_;
    std::vector<PaletteEntry> shown_;
    Offer offer_;
    QLineEdit* typed_;
    QListWidget* list_;
};

}  // namespace signalbox::gui
