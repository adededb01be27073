/* SPDX-License-Identifier: Apache-2.0 */

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The commands of opensearch-keystore, whose own jar is in no registry, on the server's own KeyStoreWrapper and
 * Terminal: the files are the real format and the questions are the real ones. What the real tool does with
 * its input is kept, also where it is unkind:
 *
 * - "add --stdin" of a name that is there, without --force, takes the value for the answer to "Overwrite?"
 *   and prints it, in lower case;
 * - a line that is missing on stdin is stored as an empty value;
 * - with a keystore password, the reader of the password swallows the values piped behind it.
 *
 * Reflection only, so that a javac older than the server's classes can compile it.
 */
public class KeystoreTool {
    private static final int USAGE = 64;
    private static final int DATA = 65;
    private static final int CONFIG = 78;
    private static final int MAX_PASSWORD = 128;

    private static final class UserError extends Exception {
        private static final long serialVersionUID = 1L;
        final int code;

        UserError(int code, String text) {
            super(text);
            this.code = code;
        }
    }

    private final Path dir = Path.of(System.getProperty("opensearch.path.conf"));
    private final Class<?> wrapper;
    private final Class<?> terminalClass;
    private final Object terminal;
    private final Set<String> options = new TreeSet<>();
    private final List<String> operands = new ArrayList<>();
    private Object store;
    private char[] password = new char[0];

    KeystoreTool() throws Exception {
        wrapper = Class.forName("org.opensearch.common.settings.KeyStoreWrapper");
        terminalClass = Class.forName("org.opensearch.cli.Terminal");
        terminal = terminalClass.getField("DEFAULT").get(null);
    }

    private static Object call(Class<?> type, Object self, String name, Object... args) throws Exception {
        for (Method m : type.getMethods()) {
            if (m.getName().equals(name) && fits(m.getParameterTypes(), args)) {
                try {
                    return m.invoke(self, args);
                } catch (InvocationTargetException e) {
                    if (e.getCause() instanceof Exception) {
                        throw (Exception) e.getCause();
                    }
                    throw e;
                }
            }
        }
        throw new NoSuchMethodException(name);
    }

    private static boolean fits(Class<?>[] types, Object[] args) {
        if (types.length != args.length) {
            return false;
        }
        for (int i = 0; i < types.length; i++) {
            Class<?> t = types[i];
            if (!t.isInstance(args[i]) && !(t == boolean.class && args[i] instanceof Boolean)
                    && !(t == int.class && args[i] instanceof Integer)) {
                return false;
            }
        }
        return true;
    }

    private void print(String text) throws Exception {
        call(terminalClass, terminal, "println", text);
    }

    private boolean yes(String question) throws Exception {
        return (Boolean) call(terminalClass, terminal, "promptYesNo", question, false);
    }

    private char[] newPassword() throws Exception {
        char[] a = (char[]) call(terminalClass, terminal, "readSecret",
                "Enter new password for the opensearch keystore (empty for no password): ", MAX_PASSWORD);
        char[] b = (char[]) call(terminalClass, terminal, "readSecret", "Enter same password again: ", MAX_PASSWORD);
        if (!Arrays.equals(a, b)) {
            throw new UserError(DATA, "Passwords are not equal, exiting.");
        }
        return a;
    }

    private Path file() throws Exception {
        return (Path) call(wrapper, null, "keystorePath", dir);
    }

    private boolean hasPassword() throws Exception {
        return (Boolean) call(wrapper, store, "hasPassword");
    }

    @SuppressWarnings("unchecked")
    private Set<String> names() throws Exception {
        return new TreeSet<>((Set<String>) call(wrapper, store, "getSettingNames"));
    }

    private void save() throws Exception {
        call(wrapper, store, "save", dir, password);
    }

    private boolean has(String a, String b) {
        return options.contains(a) || options.contains(b);
    }

    /** Loads and decrypts, or makes a new keystore if it need not exist; false: the user did not want one. */
    private boolean open(boolean mustExist) throws Exception {
        store = call(wrapper, null, "load", dir);
        if (store != null) {
            if (hasPassword()) {
                password = (char[]) call(terminalClass, terminal, "readSecret",
                        "Enter password for the opensearch keystore : ");
            }
            call(wrapper, store, "decrypt", (Object) password);
            return true;
        }
        if (mustExist) {
            throw new UserError(DATA,
                    "OpenSearch keystore not found at [" + file() + "]. Use 'create' command to create one.");
        }
        if (!has("-f", "--force") && !yes("The opensearch keystore does not exist. Do you want to create it?")) {
            print("Exiting without creating keystore.");
            return false;
        }
        store = call(wrapper, null, "create");
        save();
        return true;
    }

    private void create() throws Exception {
        if (options.contains("-p")) {
            password = newPassword();
        }
        if (Files.exists(file()) && !yes("An opensearch keystore already exists. Overwrite?")) {
            print("Exiting without creating keystore.");
            return;
        }
        store = call(wrapper, null, "create");
        save();
        print("Created opensearch keystore in " + file());
    }

    private static char[] lineOf(BufferedReader in) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = in.read();
        while (c != -1 && c != '\r' && c != '\n') {
            line.append((char) c);
            c = in.read();
        }
        return line.toString().toCharArray();
    }

    private void add() throws Exception {
        if (!open(false)) {
            return;
        }
        if (operands.isEmpty()) {
            throw new UserError(USAGE, "the setting names can not be empty");
        }
        boolean stdin = has("-x", "--stdin");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String name : operands) {
            if (!mayWrite(name)) {
                return;
            }
            char[] value = stdin ? lineOf(in)
                    : (char[]) call(terminalClass, terminal, "readSecret", "Enter value for " + name + ": ");
            set("setString", name, value);
        }
        save();
    }

    private void addFile() throws Exception {
        if (!open(false)) {
            return;
        }
        if (operands.isEmpty() || operands.size() % 2 != 0) {
            throw new UserError(USAGE, "settings and filenames must come in pairs");
        }
        for (int i = 0; i < operands.size(); i += 2) {
            if (!mayWrite(operands.get(i))) {
                return;
            }
            Path from = Path.of(operands.get(i + 1));
            if (!Files.exists(from)) {
                throw new UserError(74, "File [" + from + "] does not exist");
            }
            set("setFile", operands.get(i), Files.readAllBytes(from));
        }
        save();
    }

    private boolean mayWrite(String name) throws Exception {
        if (names().contains(name) && !has("-f", "--force")
                && !yes("Setting " + name + " already exists. Overwrite?")) {
            print("Exiting without modifying keystore.");
            return false;
        }
        return true;
    }

    private void set(String how, String name, Object value) throws Exception {
        try {
            call(wrapper, store, how, name, value);
        } catch (IllegalArgumentException e) {
            throw new UserError(DATA, e.getMessage());
        }
    }

    private void remove() throws Exception {
        if (!open(true)) {
            return;
        }
        if (operands.isEmpty()) {
            throw new UserError(USAGE, "Must supply at least one setting to remove");
        }
        for (String name : operands) {
            if (!names().contains(name)) {
                throw new UserError(CONFIG, "Setting [" + name + "] does not exist in the keystore.");
            }
            call(wrapper, store, "remove", name);
        }
        save();
    }

    private void hasPasswd() throws Exception {
        store = call(wrapper, null, "load", dir);
        if (store == null) {
            throw new UserError(1, "OpenSearch keystore not found");
        }
        if (!hasPassword()) {
            throw new UserError(1, "Keystore is not password-protected");
        }
        print("Keystore is password-protected");
    }

    private void run(String command) throws Exception {
        switch (command) {
        case "create":
            create();
            break;
        case "list":
            if (open(true)) {
                for (String name : names()) {
                    print(name);
                }
            }
            break;
        case "add":
            add();
            break;
        case "add-file":
            addFile();
            break;
        case "remove":
            remove();
            break;
        case "passwd":
            if (open(true)) {
                password = newPassword();
                save();
                print("OpenSearch keystore password changed successfully.");
            }
            break;
        case "has-passwd":
            hasPasswd();
            break;
        default:
            throw new UserError(USAGE, "Unknown command [" + command + "]");
        }
    }

    private void parse(String[] argv) throws UserError {
        for (String a : argv) {
            if (a.startsWith("--")) {
                options.add(a);
            } else if (a.startsWith("-")) {
                for (char c : a.substring(1).toCharArray()) {
                    options.add("-" + c);
                }
            } else {
                operands.add(a);
            }
        }
        for (String o : options) {
            if (!Set.of("-f", "--force", "-x", "--stdin", "-p", "-s", "--silent", "-v", "--verbose").contains(o)) {
                throw new UserError(USAGE, o.replaceFirst("^-+", "") + " is not a recognized option");
            }
        }
        if (operands.isEmpty()) {
            throw new UserError(USAGE, "Missing command");
        }
    }

    public static void main(String[] argv) throws Exception {
        int code = 0;
        try {
            KeystoreTool tool = new KeystoreTool();
            tool.parse(argv);
            tool.run(tool.operands.remove(0));
        } catch (UserError e) {
            System.err.println("ERROR: " + e.getMessage());
            code = e.code;
        } catch (SecurityException e) {
            System.err.println("ERROR: " + e.getMessage());
            code = DATA;
        } catch (Exception e) {
            /* as the real one: whatever else goes wrong is a stack trace */
            e.printStackTrace();
            code = 1;
        }
        System.exit(code);
    }
}
